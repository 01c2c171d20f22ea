import { useEffect } from 'react';

/** Goes to the section that the address names. The browser looked for it before the page was there. */
export function useHashTarget(): void {
  useEffect(() => {
    const id = decodeURIComponent(location.hash.slice(1));
    if (id !== '') document.getElementById(id)?.scrollIntoView();
  }, []);
}
