import type { ChainNode, ChainTree } from './chain-tree.ts'
import type { ChainLayout, Placed } from './layout.ts'
import type { Status, Tone } from './status.ts'

/** Colours as CSS writes them. */
export type FlowColours = Record<Tone | 'ground' | 'surface' | 'line' | 'edge' | 'ink' | 'quiet', string>

interface FlowWords {
  name: (node: ChainNode) => string
  status: (node: ChainNode) => Status
}

const MARGIN = 24
const BEND = 18

/** The drawing of a chain as an SVG document, from the layout alone: what is off the screen is in it too. */
export function flowSvg(
  tree: ChainTree,
  layout: ChainLayout,
  words: FlowWords,
  colours: FlowColours,
  title: string,
): string {
  const width = Math.ceil(layout.width + 2 * MARGIN)
  const height = Math.ceil(layout.height + 2 * MARGIN)
  const edges = layout.edges.map(({ source, target }) => {
    const [from, to, node] = [layout.nodes.get(source), layout.nodes.get(target), tree.nodes.get(source)]
    return from && to && node ? `<path d="${edgePath(from, to, node.kind === 'event')}"/>` : ''
  })
  const nodes = [...tree.nodes.values()].map(node => {
    const placed = layout.nodes.get(node.id)
    return placed ? drawNode(node, placed, words, colours) : ''
  })
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="${-MARGIN} ${-MARGIN} ${width} ${height}" font-family="Geist, ui-sans-serif, system-ui, sans-serif">`,
    `<title>${escapeXml(title)}</title>`,
    `<rect x="${-MARGIN}" y="${-MARGIN}" width="${width}" height="${height}" fill="${colours.ground}"/>`,
    `<g fill="none" stroke="${colours.edge}" stroke-width="1.5">${edges.join('')}</g>`,
    ...nodes,
    '</svg>',
  ].join('\n')
}

function edgePath(from: Placed, to: Placed, down: boolean): string {
  const endY = to.y + to.height / 2
  if (down) return `M${from.x + 14},${from.y + from.height}V${endY}H${to.x}`
  const startY = from.y + from.height / 2
  return `M${from.x + from.width},${startY}H${to.x - BEND}V${endY}H${to.x}`
}

function drawNode(node: ChainNode, { x, y, width, height }: Placed, words: FlowWords, colours: FlowColours): string {
  const status = words.status(node)
  const tone = colours[status.tone]
  const loud = status.tone === 'failed' || status.tone === 'lost' || status.tone === 'running'
  const small = node.kind === 'undetected' || node.kind === 'folded'
  const radius = node.kind === 'event' ? height / 2 : small ? height / 2 : 8
  const inset = node.kind === 'event' ? 16 : 12
  // About as many letters as fit; the whole name is in the title.
  const name = words.name(node)
  const size = node.kind === 'invocation' ? 13 : 12
  const room = Math.floor((width - 2 * inset) / (size * 0.58))
  const shown = name.length > room ? `${name.slice(0, room - 1)}…` : name
  const dash = small ? ' stroke-dasharray="4 3"' : ''
  return [
    `<g><title>${escapeXml(`${name}: ${status.word}`)}</title>`,
    `<rect x="${x}" y="${y}" width="${width}" height="${height}" rx="${radius}" fill="${colours.surface}" stroke="${loud ? tone : colours.line}"${dash}/>`,
    small ? '' : `<circle cx="${x + inset + 4}" cy="${y + height / 2 + 10}" r="4" fill="${tone}"/>`,
    `<text x="${x + inset}" y="${small ? y + height / 2 + 4 : y + height / 2 - 3}" font-size="${size}" font-weight="${node.kind === 'invocation' ? 600 : 500}" fill="${small ? colours.quiet : colours.ink}">${escapeXml(shown)}</text>`,
    small
      ? ''
      : `<text x="${x + inset + 14}" y="${y + height / 2 + 14}" font-size="11.5" fill="${tone}">${escapeXml(status.word)}</text>`,
    '</g>',
  ].join('')
}

function escapeXml(text: string): string {
  return text.replace(/[&<>"]/g, character => `&#${character.charCodeAt(0)};`)
}
