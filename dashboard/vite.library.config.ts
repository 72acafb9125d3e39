import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

/** The components' own elements: their colours and base styles must not reach the application around them. */
const OWN = ':where(.wf, .event-stream)'

/** A selector of the dashboard's own page, for the components alone. */
function withinComponents(selector: string): string {
  if (/^(?::root|html|body)$/.test(selector)) return OWN
  return selector.startsWith('[data-mantine-color-scheme') ? `${selector} ${OWN}` : `${OWN} ${selector}`
}

export default defineConfig({
  plugins: [react()],
  css: {
    postcss: {
      plugins: [
        {
          postcssPlugin: 'within-components',
          Once(root) {
            if (!/src\/app\/(?:tokens|base)\.css$/.test(root.source?.input.file ?? '')) return
            root.walkRules(rule => {
              rule.selectors = rule.selectors.map(withinComponents)
            })
          },
        },
      ],
    },
  },
  build: {
    outDir: 'lib',
    emptyOutDir: true,
    target: 'es2022',
    minify: false,
    lib: { entry: 'src/library.ts', formats: ['es'], fileName: 'library', cssFileName: 'library' },
    rollupOptions: { external: [/^react(?:$|\/)/, /^react-dom(?:$|\/)/] },
  },
})
