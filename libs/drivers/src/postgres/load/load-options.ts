export interface LoadOptions {
  /** Where files with secrets for tools may be, each as long as its tool runs. */
  runtimeDir: string;
  /** How long a session of somebody else may keep us from an object before we give up. */
  lockTimeoutMs: number;
}
