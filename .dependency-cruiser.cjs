// The directions between the rooms. ARCHITECTURE.md says why.
const room = (name) => `^src/${name}/`;
const PORTS = '^src/(journal|agents|notices)/port\\.ts$';
const only = (name, from, ...allowed) => ({
  name,
  severity: 'error',
  from: { path: from },
  to: { path: '^src/', pathNot: [from, ...allowed] },
});

module.exports = {
  forbidden: [
    only('protocol-knows-nobody', room('protocol')),
    only('machines-know-protocol', room('machines'), room('protocol')),
    only('journal-knows-protocol', room('journal'), room('protocol')),
    only('agents-know-protocol', room('agents'), room('protocol')),
    only('notices-know-protocol-and-ports', room('notices'), room('protocol'), PORTS),
    only('inspect-knows-protocol-and-machines', room('inspect'), room('protocol'), room('machines')),
    only('sessions-know-machines-and-ports', room('sessions'), room('protocol'), room('machines'), PORTS),
    only('http-knows-sessions-and-ports', room('http'), room('protocol'), room('sessions'), PORTS, '^src/inspect/port\\.ts$'),
    only('ui-knows-protocol-and-machines', room('ui'), room('protocol'), room('machines')),
    {
      name: 'protocol-imports-only-the-schema-library',
      severity: 'error',
      from: { path: room('protocol') },
      to: { pathNot: ['^src/protocol/', '^node_modules/zod/'] },
    },
    {
      name: 'machines-import-only-xstate',
      severity: 'error',
      from: { path: room('machines') },
      to: { pathNot: ['^src/(machines|protocol)/', '^(node_modules/)?(xstate|@xstate/store)(/|$)'] },
    },
    {
      name: 'actors-start-in-one-place',
      comment: 'Only machines make charts; only sessions (server) and one file of the page start actors.',
      severity: 'error',
      from: { path: '^src/', pathNot: ['^src/machines/', '^src/sessions/', '^src/ui/actors\\.ts$'] },
      to: { path: '^node_modules/xstate/', dependencyTypesNot: ['type-only'] },
    },
    { name: 'no-circles', severity: 'error', from: {}, to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } } },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    parser: 'swc',
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { conditionNames: ['import', 'types', 'node', 'default'], extensions: ['.ts', '.tsx', '.js', '.json'] },
  },
};
