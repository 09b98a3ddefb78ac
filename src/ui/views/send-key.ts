// The key that sends what is written in a field of more than one line.
import type { KeyboardEvent } from 'react';

/** Enter, also with Ctrl or ⌘. Shift+Enter makes a line; Enter with Alt is for grants. */
export function isSendKey({ key, shiftKey, altKey, nativeEvent }: KeyboardEvent): boolean {
  // 229: an input method has the key, in browsers that end the composition before this event.
  const composes = nativeEvent.isComposing || nativeEvent.keyCode === 229;
  return key === 'Enter' && !shiftKey && !altKey && !composes;
}
