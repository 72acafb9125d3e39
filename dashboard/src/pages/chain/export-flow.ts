import type { ChainTree } from '../../model/chain-tree.ts'
import { type FlowColours, flowSvg } from '../../model/flow-svg.ts'
import type { ChainLayout } from '../../model/layout.ts'
import { nodeName, nodeStatus } from './node-words.ts'

/** A canvas larger than this on one side is refused by some browsers. */
const MAX_SIDE = 8_192

/** Saves the whole drawing as a file, in the colours of the page. */
export async function exportFlow(tree: ChainTree, layout: ChainLayout, as: 'svg' | 'png'): Promise<void> {
  const root = tree.nodes.get(tree.rootId)
  const title = root ? nodeName(root) : 'chain'
  const svg = flowSvg(tree, layout, { name: nodeName, status: nodeStatus }, readColours(), title)
  const file = new Blob([svg], { type: 'image/svg+xml' })
  const name = title.replace(/[^\w-]+/g, '-').toLowerCase()
  if (as === 'svg') return save(file, `${name}.svg`)
  save(await toPng(file, layout), `${name}.png`)
}

async function toPng(svg: Blob, layout: ChainLayout): Promise<Blob> {
  const url = URL.createObjectURL(svg)
  try {
    const image = new Image()
    image.src = url
    await image.decode()
    const scale = Math.min(2, MAX_SIDE / Math.max(image.width, image.height, layout.width))
    const canvas = document.createElement('canvas')
    canvas.width = Math.round(image.width * scale)
    canvas.height = Math.round(image.height * scale)
    canvas.getContext('2d')?.drawImage(image, 0, 0, canvas.width, canvas.height)
    return await new Promise((resolve, reject) =>
      canvas.toBlob(
        blob => (blob ? resolve(blob) : reject(new Error('The picture is too big for this browser'))),
        'image/png',
      ),
    )
  } finally {
    URL.revokeObjectURL(url)
  }
}

function save(file: Blob, name: string): void {
  const url = URL.createObjectURL(file)
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(url), 10_000)
}

function readColours(): FlowColours {
  const style = getComputedStyle(document.documentElement)
  const colour = (name: string) => style.getPropertyValue(`--${name}`).trim()
  return {
    ok: colour('ok'),
    failed: colour('failed'),
    running: colour('running'),
    quiet: colour('quiet'),
    warning: colour('warning'),
    lost: colour('lost'),
    ground: colour('bg'),
    surface: colour('surface'),
    line: colour('line-strong'),
    edge: colour('edge'),
    ink: colour('ink'),
  }
}
