import { table } from "../bench/harness/figures.mjs";
import { countBehaviors, judge } from "./gate.mjs";
import { ALL_CASES } from "./selection.mjs";

/** The group of cases that the first number of an id stands for. */
const GROUPS = {
  1: "framing",
  2: "pings and pongs",
  3: "reserved bits",
  4: "reserved opcodes",
  5: "fragmentation",
  6: "UTF-8",
  7: "closing",
  9: "limits and performance",
  10: "automatic fragmentation",
  12: "compression, different payloads",
  13: "compression, different parameters",
};

const ROLES = { server: "As a server", client: "As a client" };

const groupOf = (id) => Number.parseInt(id, 10);

/** Such as "16 OK" if all cases are, or else the count of each behaviour. */
function verdictOf(results) {
  const counts = countBehaviors(results);
  const others = Object.entries(counts).filter(([behavior]) => behavior !== "OK");
  const all = Object.keys(results).length;
  if (others.length === 0) return `${all} OK`;
  return [`${counts.OK ?? 0} OK`, ...others.map(([behavior, count]) => `${count} ${behavior}`)].join(", ");
}

function only(results, isWanted) {
  return Object.fromEntries(Object.entries(results).filter(([id]) => isWanted(id)));
}

function roleTable(role, published) {
  const rows = Object.entries(GROUPS).map(([group, title]) => {
    const inGroup = (id) => groupOf(id) === Number(group);
    const verdicts = published.map(({ roles }) => verdictOf(only(roles[role], inGroup)));
    return [`${group}: ${title}`, ALL_CASES.filter(inGroup).length, ...verdicts];
  });
  const sums = published.map(({ roles }) => `**${verdictOf(roles[role])}**`);
  return table(["cases", "", ...published.map(({ peer }) => peer)], [...rows, ["all", ALL_CASES.length, ...sums]]);
}

function faultsOf(published) {
  const lines = published.flatMap(({ peer, roles }) =>
    Object.entries(roles).flatMap(([role, results]) =>
      judge(ALL_CASES, results).map((fault) => `- ${peer} as a ${role}, ${fault}`),
    ),
  );
  return lines.length === 0 ? "None." : lines.join("\n");
}

function provenance({ peer, version, suite, node, date }) {
  return `- ${peer} ${version}: ${date}, ${suite}${peer === "bun" ? "" : `, node ${node.slice(1)}`}`;
}

/** Makes the page in `docs/`. @param published results as `publishedResults` returns them */
export function pageOf(published) {
  return `<!-- Made by \`npm run conformance -- --publish\`: change conformance/page.mjs instead. -->
# Conformance

The [Autobahn testsuite](https://github.com/crossbario/autobahn-testsuite) has ${ALL_CASES.length} cases for each role. The same command ran
all of them on Tautline and two others. Three cases (7.1.6, 7.13.1, 7.13.2) have no verdict: the suite marks them
INFORMATIONAL. NON-STRICT means that the peer behaved as the standard allows, but reacted later than it could.

${Object.entries(ROLES)
  .map(([role, title]) => `## ${title}\n\n${roleTable(role, published)}`)
  .join("\n\n")}

## Faults that the gate reports

The gate demands a report of each case, with behaviour and closing behaviour OK, except for the three without a verdict.

${faultsOf(published)}

## Origin of these results

${published.map(provenance).join("\n")}

The verdict, close code and duration of each case are in \`conformance/results/\`. To repeat the runs:

\`\`\`sh
npm ci && npm run conformance                      # both roles; it fails unless the result is perfect
npm run conformance -- --sample                    # the cases that CI runs, in two minutes
npm run conformance -- --cases '6.*,12.1.*' --role server
npm run conformance -- --peer ws                   # or bun, after npm ci --prefix bench/peers --ignore-scripts
\`\`\`

The suite runs in Docker if an engine answers, and otherwise as a Python package in an environment that the command makes
(\`--suite docker\` and \`--suite python\` choose). The environment needs Python 2.7, as \`python2.7\` or \`python2\`. Making it
takes half a minute, once; \`npm run conformance -- --install\` does only that.

Autobahn does not test handshake errors, masking, lengths that are not minimal, window bits other than 9 and 15,
hostile compression, memory, slow peers or TLS. The project's own tests cover these
([rfc-coverage.md](rfc-coverage.md)).
`;
}
