import { useLayoutEffect, useRef } from 'react';

/**
 * Gives the focus back to where a dialog was opened from; where that has gone meanwhile, to the page. Mantine's own way
 * misses a dialog that is open from its first moment, as those are that are loaded when they are asked for.
 */
export function useReturnFocus(opened: boolean): void {
  const now = useRef(opened);
  // Before the effects of the dialog, which take the focus.
  useLayoutEffect(() => {
    now.current = opened;
    if (!opened) return;
    const opener = openerOf(document.activeElement);
    return () => {
      now.current = false;
      setTimeout(() => {
        if (now.current) return;
        const there = opener !== null && opener.isConnected && opener !== document.body;
        (there ? opener : document.getElementById('main'))?.focus({ preventScroll: true });
      });
    };
  }, [opened]);
}

/**
 * To be called by an item of a menu before it opens a dialog. Where nothing moves, the menu has gone before the dialog
 * could see what had the focus.
 */
export function leaveMenu(): void {
  openerOf(document.activeElement)?.focus({ preventScroll: true });
}

/** An item of a menu is gone once it was chosen: what opened the menu stands for it. */
function openerOf(active: Element | null): HTMLElement | null {
  const menu = active?.closest('[role=menu]')?.getAttribute('aria-labelledby');
  if (typeof menu === 'string') return document.getElementById(menu);
  return active instanceof HTMLElement ? active : null;
}
