import { notifications } from '@mantine/notifications';
import { troubleOf } from '../api/api-error.js';

/** Says that something is done; read out without interrupting. For what is not seen where it was asked for. */
export function notifyDone(message: string): void {
  notifications.show({ message, color: 'green', role: 'status' });
}

/** Says that something went wrong, where there is no place nearer to the cause. Stays until it is closed. */
export function notifyTrouble(title: string, error: unknown): void {
  const { message, hint } = troubleOf(error);
  notifications.show({
    title,
    message: hint === undefined ? message : `${message} ${hint}`,
    color: 'red',
    role: 'alert',
    autoClose: false,
  });
}
