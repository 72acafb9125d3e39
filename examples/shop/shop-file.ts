import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'

// The compiled shop lies in dist/; its SQL, HTML and metadata stay where they are.
const COMPILED = import.meta.url.endsWith('/dist/examples/shop/shop-file.js')
const SOURCE_FOLDER = new URL(COMPILED ? '../../../examples/shop/' : './', import.meta.url)

/** Folder of the shop's event modules, compiled if the shop is. */
export const SHOP_EVENTS_DIR = fileURLToPath(new URL('./events', import.meta.url))

/** Folder of the shop's Hasura metadata. */
export const SHOP_METADATA_DIR = fileURLToPath(new URL('hasura-metadata', SOURCE_FOLDER))

/** Reads a file of this folder. */
export function readShopFile(name: string): Promise<string> {
  return readFile(new URL(name, SOURCE_FOLDER), 'utf8')
}
