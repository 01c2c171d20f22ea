import { useEffect, useRef } from 'react';

/** For a form: whenever something new is wrong, the first faulty field has the focus, so that it is read out and seen. */
export function useFocusFault(error: unknown) {
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => {
    if (error === undefined || error === null) return;
    // A part that had to be opened for it first is there with the next frame.
    const frame = requestAnimationFrame(() =>
      form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus(),
    );
    return () => cancelAnimationFrame(frame);
  }, [error]);
  return form;
}
