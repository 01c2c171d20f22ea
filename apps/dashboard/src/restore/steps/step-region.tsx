import { useEffect, useRef } from 'react';
import type { ReactNode } from 'react';

/**
 * One step of a dialog. Takes the focus as it appears, unless a field in it did: whoever reads with the ears or uses
 * the keyboard goes on here, and not behind the dialog, where the button of the last step has vanished.
 */
export function StepRegion({ label, children }: { label: string; children: ReactNode }) {
  const region = useRef<HTMLElement>(null);
  useEffect(() => {
    const step = region.current;
    if (step === null || step.contains(document.activeElement)) return;
    (step.querySelector<HTMLElement>('[data-autofocus]') ?? step).focus({ preventScroll: true });
  }, []);
  return (
    <section ref={region} tabIndex={-1} aria-label={label} style={{ outline: 'none' }}>
      {children}
    </section>
  );
}
