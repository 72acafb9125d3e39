import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

// In development the page comes from Vite and everything else from the product's own server.
const server = 'http://localhost:3000'

export default defineConfig({
  plugins: [react()],
  server: {
    proxy: {
      '/v1': { target: server, ws: true },
      '/config.json': server,
      '/shop': server,
      '/webhooks': server,
    },
  },
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    target: 'es2022',
    sourcemap: false,
    // The first load is bounded by its compressed size, which a test measures.
    chunkSizeWarningLimit: 1_000,
  },
})
