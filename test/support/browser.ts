import { type Browser, chromium } from 'playwright-core'
import { inject } from 'vitest'
import { type BrowserFiles, launchOptions } from './find-browser.ts'

/** Starts the headless Chromium that the test run has found. */
export function launchBrowser(): Promise<Browser> {
  return chromium.launch(launchOptions(inject('browser')))
}

declare module 'vitest' {
  interface ProvidedContext {
    browser: BrowserFiles
  }
}
