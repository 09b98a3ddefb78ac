// Where the page begins.
import './style/tokens.css';
import './style/base.css';
import './style/shell.css';
import './style/transcript.css';
import './style/drawer.css';
import './style/narrow.css';
import { createRoot } from 'react-dom/client';
import { createApp } from './app.ts';
import { kept } from './kept.ts';
import { AppProvider } from './views/context.tsx';
import { Page } from './views/page.tsx';

const app = createApp();
const root = document.getElementById('root');
if (root)
  createRoot(root).render(
    <AppProvider value={app}>
      <Page />
    </AppProvider>,
  );
void app.begin();
// Only for those who asked to be called, in whichever tab, or who come by a notice.
const callMe = () => import('./notices/start.ts').then(({ startNotices }) => startNotices(app));
if (kept('notices') || location.search) void callMe();
addEventListener('storage', ({ key }) => key === 'weir.notices' && callMe());
