import { Component } from 'react';
import type { ReactNode } from 'react';
import { ErrorAlert } from '../ui/error-alert.js';

/** Keeps the menu alive when a page fails, as after an update of the service whose new files a page does not know. */
export class ErrorBoundary extends Component<{ children: ReactNode }, { error: unknown }> {
  override state: { error: unknown } = { error: undefined };

  static getDerivedStateFromError(error: unknown): { error: unknown } {
    return { error };
  }

  override render(): ReactNode {
    if (this.state.error === undefined) return this.props.children;
    return (
      <ErrorAlert error={this.state.error} title="This page could not be shown" onRetry={() => location.reload()} />
    );
  }
}
