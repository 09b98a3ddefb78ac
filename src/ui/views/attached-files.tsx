// What was attached to a message, in the transcript: images where they stand, in a box that has its size before they come; other
// files by their names, to be taken away.
import '../style/attachments.css';
import { useState } from 'react';
import type { Attachment } from '../../protocol/attachment.ts';
import { isImageType } from '../../protocol/attachments.ts';
import { fileSize } from '../attachments/size.ts';
import { enAttachments } from '../text/en-attachments.ts';
import { Icon } from './icon.tsx';

const words = enAttachments;
const IMAGE_BOX = { width: 240, height: 180 };

function AttachedFile({ about: { attachment_id, name, type, bytes } }: { about: Attachment }) {
  // What begins like an image may be none.
  const [isBroken, setBroken] = useState(false);
  const path = `/api/attachments/${encodeURIComponent(attachment_id)}`;
  // An import told of it, and did not bring it.
  if (attachment_id === '')
    return (
      <span className="file">
        <Icon name="list" />
        <bdi className="cut">{name}</bdi>
        <span className="dim">{words.notHere}</span>
      </span>
    );
  if (isImageType(type) && !isBroken)
    return (
      <a className="picture" href={path} target="_blank" rel="noreferrer" title={name}>
        <img
          src={path}
          alt={name}
          loading="lazy"
          decoding="async"
          onError={() => setBroken(true)}
          {...IMAGE_BOX}
        />
      </a>
    );
  return (
    <a className="file" href={path} download={name}>
      <Icon name="down" />
      <span className="vh">{words.download} </span>
      <bdi className="cut" title={name}>
        {name}
      </bdi>
      <span className="dim">{fileSize(bytes)}</span>
    </a>
  );
}

/** Pictures first: chips among them leave holes. */
const inRows = (attachments: Attachment[]): Attachment[] =>
  attachments.toSorted((one, other) => Number(isImageType(other.type)) - Number(isImageType(one.type)));

export function AttachedFiles({ attachments }: { attachments: Attachment[] }) {
  if (attachments.length === 0) return null;
  return (
    <ul className="files sent" aria-label={words.list}>
      {inRows(attachments).map((about, at) => (
        // An import may name the same nothing twice.
        <li key={at}>
          <AttachedFile about={about} />
        </li>
      ))}
    </ul>
  );
}
