// The dialog that is open, if one is. What it says comes in a chunk of its own.
import { lazy, Suspense } from 'react';
import { useApp, useStore } from './context.tsx';
import { Guard } from './guard.tsx';

const Bodies = lazy(() => import('./dialog-bodies.tsx'));
const Palette = lazy(() => import('./palette.tsx'));

export function Dialogs() {
  const dialog = useStore(useApp().shell, (context) => context.dialog);
  if (dialog === null) return null;
  return (
    <Guard key={dialog}>
      <Suspense fallback={null}>{dialog === 'palette' ? <Palette /> : <Bodies dialog={dialog} />}</Suspense>
    </Guard>
  );
}
