// Files that a person drops on the pane or pastes into the message. Nothing that is dropped elsewhere opens in the place of the
// page. Knows no draft.

/** A table that was copied comes as a picture too: what has words is text, unless the words are the files' names. */
export function pastedFiles(data: Pick<DataTransfer, 'files' | 'getData'>): File[] {
  const files = [...data.files];
  const text = data.getData('text/plain').trim();
  return files.every((file) => text === '' || text.includes(file.name)) ? files : [];
}

/** `place`: in the form of the message. `words` stand on the pane while files are over it. What is returned ends it. */
export function watchGifts(place: Element, give: (files: File[]) => void, words: string): () => void {
  const form = place.closest('form')!;
  const pane = place.closest<HTMLElement>('.pane')!;
  const isOverPane = ({ target }: Event): boolean => target instanceof Node && pane.contains(target);
  const left = (): void => void delete pane.dataset.drop;

  function over(event: DragEvent): void {
    const data = event.dataTransfer;
    if (!data?.types.includes('Files')) return;
    event.preventDefault();
    const isHere = isOverPane(event);
    data.dropEffect = isHere ? 'copy' : 'none';
    if (isHere) pane.dataset.drop = words;
    else left();
    if (event.type !== 'drop') return;
    left();
    if (isHere) give([...data.files]);
  }
  const leave = ({ relatedTarget }: DragEvent): void => {
    if (!(relatedTarget instanceof Node && pane.contains(relatedTarget))) left();
  };
  function paste(event: ClipboardEvent): void {
    const files = event.clipboardData ? pastedFiles(event.clipboardData) : [];
    if (files.length === 0) return;
    event.preventDefault();
    give(files);
  }

  addEventListener('dragover', over);
  addEventListener('drop', over);
  addEventListener('dragleave', leave);
  form.addEventListener('paste', paste);
  return () => {
    left();
    removeEventListener('dragover', over);
    removeEventListener('drop', over);
    removeEventListener('dragleave', leave);
    form.removeEventListener('paste', paste);
  };
}
