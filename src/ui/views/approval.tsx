// An approval: the exact call, what each grant covers, and the grants from least to most. Nothing here takes a bare Enter from
// elsewhere: a grant is pressed, or its own keys are.
import { type SyntheticEvent, useState } from 'react';
import type { Card } from '../../machines/prompt-feed.machine.ts';
import { type ApprovalEntry, RESPONSE_LENGTH_MAX } from '../../protocol/prompts.ts';
import { exactText } from '../prompts/exact-text.ts';
import { argumentsOf, coverageOf, type GrantButton, grantButtons } from '../prompts/grants.ts';
import { promptDraftKey } from '../prompts/prompt-draft.ts';
import { plainText } from '../renderer/plain.ts';
import { enPrompts } from '../text/en-prompts.ts';
import { useApp } from './context.tsx';
import { Icon } from './icon.tsx';
import { PromptFrame } from './prompt-frame.tsx';
import { isSendKey } from './send-key.ts';
import { useKeptText } from './use-kept-text.ts';

const words = enPrompts.approval;
const COPIED_MS = 1600;
const KEY_SIGN = /Mac|iP(hone|ad)/.test(navigator.platform) ? words.keySignMac : words.keySign;
const ALLOW_KEYS = 'Control+Alt+Enter Meta+Alt+Enter';
const DENY_KEYS = 'Control+Alt+Backspace Meta+Alt+Backspace';

/** The command, each option of it kept in one piece where there is room. */
const argumentsIn = (text: string) =>
  text.split(/(\s+)/).map((piece, at) =>
    piece.startsWith('-') ? (
      <span key={at} className="arg">
        {piece}
      </span>
    ) : (
      piece
    ),
  );

function Command({ text }: { text: string }) {
  const [isCopied, setCopied] = useState(false);
  const copy = (): void => {
    navigator.clipboard?.writeText(text).then(
      () => {
        setCopied(true);
        setTimeout(() => setCopied(false), COPIED_MS);
      },
      () => {},
    );
  };
  return (
    <div className="cmd">
      <code>{argumentsIn(exactText(text))}</code>
      <button
        type="button"
        className={isCopied ? 'tool-btn copied' : 'tool-btn'}
        aria-label={isCopied ? words.copied : words.copy}
        onClick={copy}
      >
        <Icon name={isCopied ? 'check' : 'copy'} />
      </button>
    </div>
  );
}

const Arguments = ({ text }: { text: string }) => (
  // biome-ignore lint/a11y/useSemanticElements: a text that scrolls is no form field set
  // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
  <pre className="args" tabIndex={0} role="group" aria-label={words.args}>
    {exactText(text)}
  </pre>
);

function Covers({ entry }: { entry: ApprovalEntry }) {
  const { shell } = useApp();
  return (
    <dl className="covers">
      <dt>{words.tool}</dt>
      <dd className="mono">{exactText(entry.tool)}</dd>
      {entry.cwd && (
        <>
          <dt>{words.inFolder}</dt>
          <dd className="mono">{exactText(entry.cwd)}</dd>
        </>
      )}
      {coverageOf(entry).map(({ kind, scope, text, isRule }) => (
        <div key={kind} className="cover">
          <dt>{scope}</dt>
          <dd>
            {text}
            {isRule && (
              <>
                {'; '}
                {words.keptUnder}
                <button
                  type="button"
                  className="link"
                  onClick={() => shell.trigger.dialogOpened({ dialog: 'rules' })}
                >
                  {words.rules}
                </button>
              </>
            )}
          </dd>
        </div>
      ))}
    </dl>
  );
}

interface GrantsProps {
  entry: ApprovalEntry;
  busy: boolean;
  decide(option_id: string, feedback?: string): void;
}

function DenyWhy({ entry, busy, decide, back }: GrantsProps & { back(): void }) {
  const [text, change] = useKeptText(promptDraftKey(entry.approval_id));
  const deny = entry.options.find((option) => option.kind === 'reject_once');
  const submit = (event: SyntheticEvent): void => {
    event.preventDefault();
    if (deny && !busy) decide(deny.option_id, text.trim() === '' ? undefined : text);
  };
  return (
    <form className="free" onSubmit={submit}>
      <textarea
        rows={1}
        aria-label={words.why}
        placeholder={words.why}
        dir="auto"
        autoComplete="off"
        maxLength={RESPONSE_LENGTH_MAX}
        value={text}
        // biome-ignore lint/a11y/noAutofocus: the person asked to write this
        autoFocus
        onChange={(event) => change(event.target.value)}
        onKeyDown={(event) => {
          if (isSendKey(event)) submit(event);
          if (event.key !== 'Escape') return;
          event.stopPropagation();
          back();
        }}
      />
      <button type="submit" className="btn" disabled={busy} aria-keyshortcuts="Enter">
        {words.deny}
        {/* biome-ignore lint/a11y/noAriaHiddenOnFocusable: a sign for the eyes; the button tells its key */}
        <kbd aria-hidden="true">{words.sendSign}</kbd>
      </button>
      <button type="button" className="btn bare" onClick={back}>
        {words.back}
      </button>
    </form>
  );
}

const keysOf = ({ kind }: GrantButton): string | undefined =>
  kind === 'allow_once' ? ALLOW_KEYS : kind === 'reject_once' ? DENY_KEYS : undefined;

function Grants({ entry, busy, decide, why }: GrantsProps & { why(): void }) {
  const buttons = grantButtons(entry.options);
  const last = buttons.findLastIndex(({ kind }) => kind === 'allow_once');
  const firstAllowed = buttons.findIndex(({ allows }) => allows);
  return (
    <div className="grants">
      {buttons.map((button, at) => (
        <Grant
          key={button.option_id}
          button={button}
          isSolid={at === last}
          isFirstAllowed={at === firstAllowed}
          busy={busy}
          press={() => decide(button.option_id)}
          why={button.kind === 'reject_once' ? why : null}
        />
      ))}
    </div>
  );
}

interface GrantProps {
  button: GrantButton;
  isSolid: boolean;
  isFirstAllowed: boolean;
  busy: boolean;
  press(): void;
  why: (() => void) | null;
}

function Grant({ button, isSolid, isFirstAllowed, busy, press, why }: GrantProps) {
  const look = isSolid ? 'btn solid' : button.allows ? 'btn' : 'btn bare';
  return (
    <>
      <button
        type="button"
        className={isFirstAllowed ? `${look} push` : look}
        disabled={busy}
        data-grant={button.kind}
        aria-keyshortcuts={keysOf(button)}
        title={button.kind === 'allow_once' ? words.keyOnce : undefined}
        onClick={press}
      >
        {plainText(button.label)}
        {/* biome-ignore lint/a11y/noAriaHiddenOnFocusable: a sign for the eyes; the button tells its keys */}
        {isSolid && <kbd aria-hidden="true">{KEY_SIGN}</kbd>}
      </button>
      {why && (
        <button type="button" className="btn bare" disabled={busy} onClick={why}>
          {words.denyWhy}
        </button>
      )}
    </>
  );
}

export function Approval({ card, count }: { card: Card; count: number }) {
  const { commands } = useApp();
  const [isDenied, setDenied] = useState(false);
  const entry = card.entry as ApprovalEntry;
  const args = argumentsOf(entry);
  const title = entry.command === undefined ? words.allowTool(exactText(entry.tool)) : words.runCommand;
  const grants = {
    entry,
    busy: card.state === 'answering',
    decide: (option_id: string, feedback?: string): void =>
      commands.answerPrompt('approval', card.prompt_id, {
        option_id,
        ...(feedback === undefined ? {} : { feedback }),
      }),
  };
  return (
    <PromptFrame kind="approval" card={card} title={title} count={count}>
      {entry.command !== undefined && <Command text={entry.command} />}
      {entry.description !== '' && (
        <p className="describes" dir="auto">
          {plainText(entry.description)}
        </p>
      )}
      {args !== null && <Arguments text={args} />}
      <Covers entry={entry} />
      {isDenied ? (
        <DenyWhy {...grants} back={() => setDenied(false)} />
      ) : (
        <Grants {...grants} why={() => setDenied(true)} />
      )}
    </PromptFrame>
  );
}
