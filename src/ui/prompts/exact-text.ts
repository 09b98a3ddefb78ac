// A call as it is, for the eyes of whoever allows it: what would hide or turn around a part of it is made visible (CQ11).

// Control characters but tab and line feed.
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what it shows
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f]/g;
// Marks of direction, invisible separators and letters without a width.
const UNSEEN =
  /[\u00ad\u061c\u115f\u1160\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb]|[\u{e0000}-\u{e007f}]/gu;

const PICTURES_FROM = 0x2400;
const DELETE = 0x7f;
const DELETE_PICTURE = '\u2421';

const picture = (character: string): string => {
  const code = character.charCodeAt(0);
  return code === DELETE ? DELETE_PICTURE : String.fromCharCode(PICTURES_FROM + code);
};
const named = (character: string): string =>
  `‹U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}›`;

export const exactText = (text: string): string => text.replace(CONTROL, picture).replace(UNSEEN, named);
