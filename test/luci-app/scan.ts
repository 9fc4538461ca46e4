// A phone's camera: what a QR code says, on a page or as points.
import { createRequire } from 'node:module';
import type { Locator, Page } from 'playwright-core';

type Decoder = (pixels: Uint8ClampedArray, width: number, height: number) => { readonly data: string } | null;

/** Reads points of four bytes each. @returns undefined where there is no code. */
export function decode(pixels: Uint8ClampedArray, width: number, height: number): string | undefined {
  return (createRequire(import.meta.url)('jsqr') as Decoder)(pixels, width, height)?.data;
}

/** What the picture of a code says, as the browser draws it. */
export async function scanned(page: Page, picture: Locator): Promise<string | undefined> {
  const png = (await picture.screenshot()).toString('base64');
  const { pixels, width, height } = (await page.evaluate(`(async () => {
    const bytes = Uint8Array.from(atob('${png}'), (letter) => letter.charCodeAt(0));
    const image = await createImageBitmap(new Blob([bytes]));
    const { width, height } = image;
    const canvas = Object.assign(document.createElement('canvas'), { width, height });
    const context = canvas.getContext('2d');
    context.drawImage(image, 0, 0);
    return { pixels: [...context.getImageData(0, 0, width, height).data], width, height };
  })()`)) as { pixels: number[]; width: number; height: number };
  return decode(Uint8ClampedArray.from(pixels), width, height);
}
