// One row of a menu.
export const MenuRow = ({ name, run }: { name: string; run: () => void }) => (
  <li>
    <button type="button" className="btn bare" onClick={run}>
      {name}
    </button>
  </li>
);
