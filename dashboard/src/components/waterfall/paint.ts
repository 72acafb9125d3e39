import type { Tone } from '../../model/status.ts'

/** Puts a picture made of tones (0: nothing, else 1 + index) on a canvas, in the colours of the page. */
export function paintTones(
  canvas: HTMLCanvasElement,
  picture: { width: number; height: number; tones: Uint8Array },
  tones: readonly Tone[],
): void {
  const context = canvas.getContext('2d')
  if (!context) return
  const style = getComputedStyle(canvas)
  const colours = tones.map(tone => toRgb(style.getPropertyValue(`--wf-${tone}`).trim()))
  const image = context.createImageData(picture.width, picture.height)
  for (let at = 0; at < picture.tones.length; at++) {
    const colour = colours[(picture.tones[at] as number) - 1]
    if (!colour) continue
    image.data[at * 4] = colour[0]
    image.data[at * 4 + 1] = colour[1]
    image.data[at * 4 + 2] = colour[2]
    image.data[at * 4 + 3] = 255
  }
  context.clearRect(0, 0, canvas.width, canvas.height)
  context.putImageData(image, 0, 0)
}

function toRgb(colour: string): [number, number, number] {
  const [, digits = '808080'] = /^#([0-9a-f]{6})$/i.exec(colour) ?? []
  const value = Number.parseInt(digits, 16)
  return [value >> 16, (value >> 8) & 255, value & 255]
}
