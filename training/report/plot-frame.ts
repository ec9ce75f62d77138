/** The frame that all plots share: two axes from 0 to a round maximum, grid lines, names. Inline SVG, no scripts. */
import { type Markup, markup } from './markup.js';

export interface PlotFrame {
  readonly width: number;
  readonly height: number;
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
  /** Of the y axis; the x axis ends at 1. */
  readonly maximum: number;
}

export function plotFrame(width: number, height: number, maximum = 1): PlotFrame {
  return { width, height, left: 46, top: 12, right: width - 14, bottom: height - 38, maximum };
}

export const xAt = ({ left, right }: PlotFrame, share: number) => round(left + share * (right - left));
export const yAt = ({ top, bottom, maximum }: PlotFrame, value: number) =>
  round(bottom - (Math.min(value, maximum) / maximum) * (bottom - top));

/** Tenths of a pixel are enough, and keep the file small. */
export const round = (pixels: number) => Math.round(pixels * 10) / 10;

/** @param label what a screen reader says instead of the picture */
export function plot(
  frame: PlotFrame,
  label: string,
  axes: { readonly x: string; readonly y: string; readonly xTicks?: boolean },
  content: readonly Markup[],
): Markup {
  const steps = [0, 0.25, 0.5, 0.75, 1];
  const { width, height, left, right, top, bottom, maximum } = frame;
  const tick = (share: number) => `${Math.round(share * 1000) / 10}%`;
  return markup`<svg viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${label}">
${steps.map(
  (
    step,
  ) => markup`<line class="grid" x1="${left}" x2="${right}" y1="${yAt(frame, step * maximum)}" y2="${yAt(frame, step * maximum)}"/><text class="tick" x="${left - 5}" y="${yAt(frame, step * maximum) + 4}" text-anchor="end">${tick(step * maximum)}</text>
`,
)}${
  axes.xTicks === false
    ? []
    : steps.map(
        (
          step,
        ) => markup`<text class="tick" x="${xAt(frame, step)}" y="${bottom + 14}" text-anchor="middle">${tick(step)}</text>
`,
      )
}<text class="axis" x="${round((left + right) / 2)}" y="${height - 6}" text-anchor="middle">${axes.x}</text>
<text class="axis" transform="translate(11 ${round((top + bottom) / 2)}) rotate(-90)" text-anchor="middle">${axes.y}</text>
${content}</svg>`;
}
