import type uPlot from 'uplot'
import type { ChartAxis, ChartMark } from './lines.ts'
import type { Theme } from './theme.ts'

/** Draws thresholds behind the lines: a line at each, or the area above it in its colour. */
export function drawThresholds(plot: uPlot, axes: readonly ChartAxis[], theme: Theme): void {
  const { ctx, bbox } = plot
  axes.forEach(({ thresholds, thresholdStyle }, index) => {
    const scale = `y${index}`
    const { min, max } = plot.scales[scale] ?? {}
    if (min === undefined || max === undefined) return
    const height = (value: number): number => plot.valToPos(Math.min(max, Math.max(min, value)), scale, true)
    ctx.save()
    thresholds.forEach(({ value, colour }, step) => {
      const bottom = height(value)
      ctx.strokeStyle = theme.resolve(colour)
      ctx.fillStyle = theme.resolve(colour)
      if (thresholdStyle.area) {
        const top = height(thresholds[step + 1]?.value ?? max)
        ctx.globalAlpha = 0.1
        ctx.fillRect(bbox.left, top, bbox.width, bottom - top)
        ctx.globalAlpha = 1
      }
      if (thresholdStyle.line === 'none' || value < min || value > max) return
      ctx.lineWidth = devicePixelRatio * 1.5
      ctx.setLineDash(thresholdStyle.line === 'dashed' ? [8, 6] : [])
      ctx.beginPath()
      ctx.moveTo(bbox.left, bottom)
      ctx.lineTo(bbox.left + bbox.width, bottom)
      ctx.stroke()
    })
    ctx.restore()
  })
}

/** Draws a dashed vertical line where something happened. */
export function drawMarks(plot: uPlot, marks: readonly ChartMark[], theme: Theme): void {
  const { ctx, bbox } = plot
  ctx.save()
  ctx.lineWidth = devicePixelRatio
  ctx.setLineDash([4, 3])
  for (const { at, colour } of marks) {
    const left = Math.round(plot.valToPos(at, 'x', true))
    if (left < bbox.left || left > bbox.left + bbox.width) continue
    ctx.strokeStyle = theme.resolve(colour)
    ctx.beginPath()
    ctx.moveTo(left, bbox.top)
    ctx.lineTo(left, bbox.top + bbox.height)
    ctx.stroke()
  }
  ctx.restore()
}
