/** The demo cannot go on, or something is not as it must be. The message is for the user. */
export class DemoFailure extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'DemoFailure';
  }
}
