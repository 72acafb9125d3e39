import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

// In development the page comes from Vite and everything else from the product's own server.
const server = 'http://localhost:3000'

export default defineConfig({
  plugins: [react()],
  // Besides VITE_: the names of dashboards built with Create React App. In a build none of them is read.
  envPrefix: ['VITE_', 'REACT_APP_'],
  server: {
    proxy: {
      '/v1': { target: server, ws: true },
      '/config.json': server,
      '/shop': server,
      '/webhooks': server,
      '/api': { target: server, ws: true },
      '/session': server,
      '/login': server,
      '/logout': server,
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
