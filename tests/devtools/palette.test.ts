import { describe, expect, it } from 'vitest';
import { palettes } from '../../src/devtools/palette';

/** @see https://www.w3.org/TR/WCAG22/#dfn-relative-luminance */
function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map(at => {
    const part = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/** @see https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio */
function contrast(one: string, other: string): number {
  const [light = 0, dark = 0] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (light + 0.05) / (dark + 0.05);
}

describe.each(Object.values(palettes))('the $scheme colours', palette => {
  const { ground, sunken, text, muted, control, tones, lanes, token } = palette;

  it('text has a contrast of at least 4.5 wherever it stands', () => {
    const pairs = [
      ...[text, muted].flatMap(ink => [ground, sunken].map(under => [ink, under])),
      ...Object.values(tones).flatMap(ink => [ground, sunken].map(under => [ink, under])),
      ...Object.values(lanes).map(({ ink, fill }) => [ink, fill]),
    ] as [string, string][];
    const faint = pairs.filter(([ink, under]) => contrast(ink, under) < 4.5);
    expect(faint.map(pair => `${pair.join(' on ')}: ${contrast(...pair).toFixed(2)}`)).toEqual([]);
  });

  it('marks, edges and controls have a contrast of at least 3', () => {
    const pairs = [
      [control, ground],
      [token.edge, ground],
      [token.edge, token.fill],
      ...Object.values(tones).map(tone => [tone, ground]),
    ] as [string, string][];
    const faint = pairs.filter(([one, under]) => contrast(one, under) < 3);
    expect(faint.map(pair => `${pair.join(' on ')}: ${contrast(...pair).toFixed(2)}`)).toEqual([]);
  });
});
