import { createRoot } from 'react-dom/client'
import { App } from './app/App.tsx'
import './app/styles.ts'

const container = document.getElementById('root')
if (container) createRoot(container).render(<App />)
