import type { Page } from 'playwright-core';

/** What is out of sight on purpose is a pixel in size, or in something that is. */
const OUTSIDE = `[...document.querySelectorAll('main *')]
  .filter((element) => {
    if (element.getBoundingClientRect().right <= innerWidth + 1) return false;
    for (let outer = element; outer !== null; outer = outer.parentElement) {
      if (outer.getBoundingClientRect().width <= 1) return false;
    }
    return true;
  })
  .map(({ outerHTML }) => outerHTML.slice(0, 160))`;

/** What of the page's content stands out beyond the window to the right, where it would be cut off: nothing may. */
export const overflowing = (page: Page): Promise<string[]> => page.evaluate<string[]>(OUTSIDE);
