/** The body of every failed call; `errors` names the fields at fault. */
export interface ApiErrorBody {
  success: false;
  message: string;
  code: string;
  hint?: string;
  errors?: { field: string; message: string }[];
}

/** A failure in words for people. */
export interface Trouble {
  message: string;
  hint: string | undefined;
  /** The API's code, or undefined when it was not the API that answered. */
  code: string | undefined;
  /** The faults by field of the request. */
  fields: Readonly<Record<string, string>>;
}

/** Whether the API has answered, and said no: asking again would change nothing. */
export function isRefusal(error: unknown): error is ApiErrorBody {
  return typeof error === 'object' && error !== null && 'message' in error && 'code' in error && 'success' in error;
}

/** Makes one thing of all that a call may throw: the API's own error, another program's answer, or no answer at all. */
export function troubleOf(error: unknown): Trouble {
  if (isRefusal(error)) {
    return {
      message: error.message,
      hint: error.hint,
      code: error.code,
      fields: Object.fromEntries((error.errors ?? []).map(({ field, message }) => [field, message])),
    };
  }
  const none = { code: undefined, fields: {} };
  if (error instanceof TypeError) {
    return {
      ...none,
      message: 'The service does not answer.',
      hint: 'Check that it runs; this page tries again by itself.',
    };
  }
  if (error instanceof Error) return { ...none, message: error.message, hint: undefined };
  return {
    ...none,
    message: 'Something between this page and the service gave an answer that is not the service’s own.',
    hint: 'If there is a proxy, look at its log.',
  };
}
