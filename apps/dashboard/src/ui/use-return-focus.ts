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
    const opener = document.activeElement;
    return () => {
      now.current = false;
      setTimeout(() => {
        if (now.current) return;
        const there = opener instanceof HTMLElement && opener.isConnected && opener !== document.body;
        (there ? opener : document.getElementById('main'))?.focus({ preventScroll: true });
      });
    };
  }, [opened]);
}
