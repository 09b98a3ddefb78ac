// The layout library, and how what it laid out is read.
import type { ElkExtendedEdge, ElkNode } from 'elkjs/lib/elk.bundled.js';
import ElkModule from 'elkjs/lib/elk.bundled.js';

const ELK = ElkModule as unknown as typeof ElkModule.default;
export const elk = new ELK();

type Point = { x: number; y: number };

/** Every way of a node that was laid out, with its points. */
export const sectionsOf = (node: ElkNode): [ElkExtendedEdge, Point[]][] =>
  (node.edges ?? []).flatMap((edge) =>
    (edge.sections ?? []).map((section): [ElkExtendedEdge, Point[]] => [
      edge,
      [section.startPoint, ...(section.bendPoints ?? []), section.endPoint],
    ]),
  );
