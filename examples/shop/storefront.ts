import { createHash } from 'node:crypto'
import { readShopFile } from './shop-file.ts'

export interface Storefront {
  html: string
  /** Allows the page's own script and style by their hash, and nothing else. */
  contentSecurityPolicy: string
}

export async function readStorefront(): Promise<Storefront> {
  const html = await readShopFile('storefront.html')
  return {
    html,
    contentSecurityPolicy: [
      `default-src 'none'`,
      `script-src ${hashOf('script', html)}`,
      `style-src ${hashOf('style', html)}`,
      `img-src data:`,
      `connect-src 'self'`,
      `base-uri 'none'`,
      `form-action 'none'`,
    ].join('; '),
  }
}

function hashOf(element: 'script' | 'style', html: string): string {
  const found = new RegExp(`<${element}>(.*)</${element}>`, 's').exec(html)
  if (!found) throw new Error(`storefront.html has no <${element}>`)
  return `'sha256-${createHash('sha256')
    .update(found[1] as string)
    .digest('base64')}'`
}
