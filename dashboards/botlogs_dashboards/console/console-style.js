// The component's style sheet, constructed once and shared by all instances (a strict CSP allows no inline styles).

import { PALETTE } from "./palette.js";

const TEXT = `
:host { ${PALETTE}
  display: block; color-scheme: light dark; container: console / inline-size; min-height: 320px;
  font: 13px/1.45 var(--font); color: var(--text); background: var(--bg); }
:host([hidden]) { display: none; }
:host([theme="light"]) { color-scheme: light; }
:host([theme="dark"]) { color-scheme: dark; }
*, *::before, *::after { box-sizing: border-box; }
[hidden] { display: none !important; }
.console { display: flex; flex-direction: column; height: 100%; min-height: inherit; }
h2, h3, h4, p, dl, dd, ul, ol, pre { margin: 0; }
h2 { font-size: 17px; } .node-facts h2 { font-size: 15px; display: flex; gap: 10px; align-items: baseline; } h3 { font-size: 12px; color: var(--quiet); font-weight: 600; margin: 14px 0 4px; }
ul, ol { padding: 0; list-style: none; }
a { color: var(--accent); }
code, pre, kbd, time, .value, .name { font-family: var(--mono); font-size: 12px; }
bdi { unicode-bidi: isolate; }
.quiet { color: var(--quiet); font-weight: 400; }
.bad { color: var(--bad); }
.spring { flex: 1; }
.icon { width: 14px; height: 14px; flex: none; }
.spoken { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: -2px; border-radius: 4px; }

button, .button, summary { font: inherit; color: inherit; cursor: pointer; }
button, .button { display: inline-flex; align-items: center; gap: 5px; border: 1px solid transparent; border-radius: 6px; background: none; padding: 3px 7px; }
button:hover, .button:hover { background: var(--accent-soft); }
button.primary { background: var(--accent); color: var(--on-accent); padding: 6px 12px; font-weight: 600; }
button.primary:hover { filter: brightness(1.08); } button:disabled { opacity: .6; cursor: default; }
button.plain, .more { padding: 0 2px; color: var(--accent); text-decoration: underline; text-underline-offset: 2px; }

.facts-bar { padding: 8px 14px 7px; border-bottom: 1px solid var(--line); display: flex; flex-direction: column; gap: 3px; }
.facts-bar .line { display: flex; align-items: center; gap: 6px 10px; flex-wrap: wrap; min-height: 20px; }
.facts-bar .id { font-weight: 650; font-size: 14px; overflow-wrap: anywhere; }
.chips { display: inline-flex; gap: 5px; flex-wrap: wrap; }
.chip { display: inline-flex; max-width: 100%; } .chip .quiet { margin-right: 4px; } .chip bdi { max-width: 32ch; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; } .chip { padding: 0 8px; border-radius: 10px; background: var(--raised); border: 1px solid var(--line); font-size: 12px; }
.chip.live, .chip.released, .chip.restored { color: var(--good); background: var(--good-soft); border-color: transparent; }
.chip.held, .chip.ongoing { color: var(--warn); background: var(--warn-soft); border-color: transparent; }
.chip.dropped { color: var(--bad); background: var(--bad-soft); border-color: transparent; }
.doing { font-weight: 600; } .doing.running { color: var(--accent); } .doing.waiting { color: var(--warn); } .doing.lost { color: var(--bad); } .doing.ended, .doing.quiet { color: var(--quiet); }
.counts { color: var(--quiet); }
.feed { font-size: 12px; color: var(--good); display: inline-flex; align-items: center; gap: 5px; }
.feed::before { content: ""; width: 8px; height: 8px; border-radius: 50%; background: currentColor; animation: breathe 2s infinite; }
.feed.lost { color: var(--bad); } .feed.lost::before { animation: none; }
@keyframes breathe { 50% { opacity: .35; } }
@media (prefers-reduced-motion: reduce) { *, *::before { animation: none !important; transition: none !important; } }

.toolbar { display: flex; align-items: center; gap: 4px; padding: 5px 10px; border-bottom: 1px solid var(--line); background: var(--raised); flex-wrap: wrap; }
.toolbar > button, .menu > summary { border: 1px solid transparent; border-radius: 6px; padding: 3px 8px; }
.toolbar button[aria-pressed="true"] { background: var(--warn-soft); color: var(--warn); }
.search { position: relative; display: inline-flex; align-items: center; margin: 0 4px; }
.search .icon { position: absolute; left: 7px; color: var(--quiet); pointer-events: none; }
input[type="search"], input[type="text"] { font: inherit; color: var(--text); background: var(--bg); border: 1px solid var(--line); border-radius: 6px; padding: 3px 8px 3px 26px; width: 210px; }
input::placeholder { color: var(--quiet); opacity: 1; }
.check { display: inline-flex; align-items: center; gap: 5px; color: var(--quiet); white-space: nowrap; }
.menu { position: relative; } .menu > summary { list-style: none; display: inline-flex; align-items: center; gap: 5px; } .menu > summary::-webkit-details-marker { display: none; }
.menu > summary:hover { background: var(--accent-soft); }
.choices { position: absolute; right: 0; top: calc(100% + 4px); z-index: 5; min-width: 180px; padding: 4px; background: var(--bg); border: 1px solid var(--line); border-radius: 8px; box-shadow: 0 6px 24px #0003; display: flex; flex-direction: column; }
.choices button { justify-content: flex-start; padding: 5px 9px; }
.notice { padding: 5px 14px; background: var(--accent-soft); border-top: 1px solid var(--line); overflow-wrap: anywhere; }
.notice.bad { background: var(--bad-soft); color: var(--bad); }

.panes { flex: 1; min-height: 0; display: grid; grid-template-columns: minmax(0, 1.15fr) minmax(0, 1fr); grid-template-rows: minmax(0, 1fr); }
.panes.with-transcript { grid-template-columns: minmax(190px, 270px) minmax(0, 1.1fr) minmax(0, 1fr); }
.panes.single { display: block; overflow: auto; }
.timestamps { container: timestamps / inline-size; display: flex; flex-direction: column; min-width: 0; min-height: 0; }
.grid { flex: 1; overflow-y: auto; overflow-x: hidden; position: relative; contain: strict; min-height: 120px; }
.spacer { position: relative; min-height: 100%; }
.row { position: absolute; left: 0; right: 0; top: 0; height: 30px; display: flex; align-items: center; gap: 10px; padding: 0 8px 0 12px; border-bottom: 1px solid color-mix(in srgb, var(--line) 55%, transparent); }
.row.item { cursor: pointer; }
.row.item:hover, .row.item:focus { background: var(--raised); }
.row.chosen, .row.chosen:hover { background: var(--accent-soft); box-shadow: inset 3px 0 var(--accent); }
.row .time { flex: none; color: var(--quiet); font-variant-numeric: tabular-nums; }
.row.item:hover .time, .row.chosen .time { color: var(--text); }
.row .what { flex: 1; min-width: 0; display: flex; align-items: center; gap: 7px; white-space: nowrap; }
.row .kind { display: inline-flex; color: var(--quiet); } .row.error .kind, .row.fatal .kind { color: var(--bad); } .row.warn .kind { color: var(--warn); }
.row .title { overflow: hidden; text-overflow: ellipsis; }
.row .at-node { flex: none; max-width: 40%; overflow: hidden; text-overflow: ellipsis; color: var(--quiet); font-size: 12px; }
.severity { flex: none; font-size: 11px; font-weight: 650; padding: 0 6px; border-radius: 4px; background: var(--raised); color: var(--quiet); }
.severity.warn { background: var(--warn-soft); color: var(--warn); } .severity.error, .severity.fatal { background: var(--bad-soft); color: var(--bad); }
.row .actions { position: absolute; right: 6px; display: flex; gap: 2px; opacity: 0; pointer-events: none; background: inherit; border-radius: 6px; }
.row .actions button { padding: 2px 7px; background: var(--bg); border-color: var(--line); font-size: 12px; color: var(--accent); }
.row .actions button:hover { background: var(--accent-soft); }
.row:hover .actions, .row:focus-visible .actions, .row:has(:focus-visible) .actions { opacity: 1; pointer-events: auto; }
.pulse { width: 8px; height: 8px; border-radius: 50%; flex: none; background: var(--accent); animation: breathe 1.4s infinite; }
.whole { display: flex; gap: 12px; align-items: baseline; width: 100%; white-space: nowrap; overflow: hidden; }
.row.turn { background: var(--raised); color: var(--text); font-size: 12px; } .row.turn span { color: var(--quiet); } .row.turn .bad { color: var(--bad); }
.row.gap, .row.day { color: var(--quiet); font-size: 12px; } .row.gap .whole, .row.day .whole { justify-content: center; }
.row.gap { background: repeating-linear-gradient(-45deg, transparent 0 6px, color-mix(in srgb, var(--line) 40%, transparent) 6px 7px); }
.row.gap span { background: var(--bg); padding: 0 10px; border-radius: 8px; }

.transcript { border-right: 1px solid var(--line); overflow-y: auto; padding: 10px; min-height: 0; }
.messages { display: flex; flex-direction: column; gap: 7px; }
.earlier { text-align: center; margin-bottom: 8px; } .message { display: flex; flex-direction: column; align-items: flex-start; }
.message.user { align-items: flex-end; }
.message button { display: block; text-align: start; max-width: 92%; padding: 5px 10px 6px; border-radius: 12px 12px 12px 3px; background: var(--raised); border-color: var(--line); }
.message.user button { border-radius: 12px 12px 3px 12px; background: var(--accent-soft); border-color: transparent; }
.message.chosen button { border-color: var(--accent); }
.message .who { display: block; font-size: 11px; color: var(--quiet); } .message .who time { font-size: 11px; }
.message .said { overflow-wrap: anywhere; white-space: pre-wrap; }
.message .gap { align-self: center; color: var(--quiet); font-size: 11px; padding: 4px 0 6px; }

.detail { border-left: 1px solid var(--line); display: flex; flex-direction: column; min-width: 0; min-height: 0; }
.tabs { display: flex; gap: 2px; padding: 0 8px; border-bottom: 1px solid var(--line); }
.tabs button { border-radius: 0; padding: 6px 10px; border: 0; border-bottom: 2px solid transparent; color: var(--quiet); }
.tabs button[aria-selected="true"] { color: var(--text); border-bottom-color: var(--accent); font-weight: 600; }
.panel { flex: 1; overflow: auto; padding: 12px 14px; min-height: 0; display: flex; flex-direction: column; }
.panel[aria-busy="true"] { opacity: .7; transition: opacity .15s .2s; }
.panel h2 { font-size: 14px; display: flex; gap: 10px; align-items: baseline; margin-bottom: 8px; } .panel h2 time { font-size: 14px; }
.logs { display: flex; flex-direction: column; gap: 9px; }
.log { border: 1px solid var(--line); border-radius: 8px; padding: 7px 10px 9px; background: var(--bg); border-left-width: 3px; }
.log.chosen { border-color: var(--accent); } .log.error, .log.fatal { border-left-color: var(--bad); } .log.warn { border-left-color: var(--warn); }
.log > header { display: flex; gap: 7px; align-items: center; color: var(--quiet); min-width: 0; }
.log .event { font-family: var(--mono); font-size: 12px; color: var(--text); font-weight: 600; overflow-wrap: anywhere; }
.log .body { white-space: pre-wrap; overflow-wrap: anywhere; font-size: 12.5px; margin: 4px 0; max-height: 50vh; overflow: auto; }
.copy { opacity: .55; padding: 3px; } .copy:hover, .copy:focus-visible { opacity: 1; } .copy.copied { color: var(--good); opacity: 1; } .copy.failed { color: var(--bad); opacity: 1; }
.tree { display: flex; flex-direction: column; margin-top: 4px; }
.leaf, .tree summary { display: flex; align-items: flex-start; gap: 8px; padding: 1px 0; min-width: 0; }
.tree .leaf > .name, .tree summary .name { flex: none; max-width: 55%; overflow-wrap: anywhere; color: var(--quiet); }
.tree .value { flex: 1; min-width: 0; overflow-wrap: anywhere; white-space: pre-wrap; } .value.number { color: var(--accent); } .value.boolean { color: var(--good); } .value.masked { color: var(--quiet); font-style: italic; }
.leaf.tall { flex-wrap: wrap; } .tree .leaf.tall > .name { flex: 1; max-width: none; } .tree .leaf.tall > :is(.value, .long) { order: 1; flex-basis: 100%; padding-left: 12px; }
.tree .copy { padding: 1px 3px; } .tree .branch { position: relative; } .tree .branch > .copy { position: absolute; right: 0; top: 1px; }
.tree .children { padding-left: 16px; border-left: 1px solid var(--line); margin-left: 4px; }
.tree .hint { color: var(--quiet); font-family: var(--mono); font-size: 11px; } .long { flex: 1; min-width: 0; }
.place { margin-top: 6px; color: var(--quiet); } .place summary { font-size: 12px; }

.node-view { display: flex; flex-direction: column; flex: 1; min-height: 0; }
.flow-frame { position: relative; border: 1px solid var(--line); border-radius: 8px; background: var(--raised); flex: none; height: 44vh; min-height: 240px; overflow: hidden; display: flex; flex-direction: column; margin-bottom: 10px; }
.flow-frame.whole { flex: 1; height: auto; border: 0; border-radius: 0; margin: 0; }
.flow { flex: 1; width: 100%; min-height: 0; display: block; cursor: grab; touch-action: none; }
.flow-controls { position: absolute; right: 6px; top: 6px; display: flex; flex-direction: column; gap: 2px; } .flow-controls button { background: var(--bg); border-color: var(--line); padding: 5px; }
.notes { padding: 4px 10px; font-size: 12px; color: var(--warn); background: var(--warn-soft); }
.flow .node { cursor: pointer; } .flow .node:focus { outline: none; } .flow .node:focus-visible rect { stroke: var(--accent); stroke-width: 3; }
.flow .node rect { fill: var(--bg); stroke: var(--line); stroke-width: 1.3; }
.flow .node text { text-anchor: middle; fill: var(--text); font: 600 12.5px var(--font); } .flow .node .detail { font: 11px var(--font); fill: var(--quiet); }
.flow .node.unvisited rect { stroke-dasharray: 4 3; } .flow .node.unvisited .name { fill: var(--quiet); font-weight: 400; }
.flow .node.ran rect { stroke: color-mix(in srgb, var(--accent) 60%, var(--line)); } .flow .node.failed rect { stroke: var(--bad); fill: var(--bad-soft); }
.flow .node.focus rect { stroke: var(--accent); stroke-width: 3; fill: var(--accent-soft); } .flow .node.focus.failed rect { fill: var(--bad-soft); }
.flow .node.heated rect { fill: color-mix(in srgb, var(--accent) calc(var(--heat) * 42%), var(--bg)); }
.flow .edge { fill: none; stroke: color-mix(in srgb, var(--quiet) 55%, transparent); stroke-width: 1.3; } .flow .edge.not-taken { stroke-dasharray: 5 4; }
.flow .edge.taken { stroke: var(--accent); stroke-width: 1.8; } .flow .edge.chosen { stroke-width: 3.2; }
.flow .arrow { fill: color-mix(in srgb, var(--quiet) 75%, transparent); } .flow .arrow.taken { fill: var(--accent); }
.flow .edge-label { text-anchor: middle; font: 11px var(--font); fill: var(--quiet); stroke: var(--raised); stroke-width: 4; paint-order: stroke; } .flow .edge-label.taken { fill: var(--accent); }
.banner { background: var(--warn-soft); color: var(--warn); border-radius: 6px; padding: 5px 10px; margin-bottom: 8px; } .banner a { color: inherit; font-weight: 600; }
.node-facts { overflow-wrap: anywhere; } .status { font-size: 11px; font-weight: 600; padding: 1px 7px; border-radius: 4px; background: var(--raised); color: var(--quiet); }
.status.completed { background: var(--good-soft); color: var(--good); } .status.error { background: var(--bad-soft); color: var(--bad); } .status.running { background: var(--accent-soft); color: var(--accent); } .status.waiting { background: var(--warn-soft); color: var(--warn); }
.way { margin-top: 8px; } .reason + .reason { margin-top: 6px; } .unused li { color: var(--quiet); } .unused li::before { content: "⊘ "; }
.rest { margin-top: 4px; } .runs { display: flex; flex-wrap: wrap; gap: 4px; } .runs button { border-color: var(--line); font-family: var(--mono); font-size: 12px; } .runs [aria-current] { background: var(--accent-soft); border-color: var(--accent); }
.changes del { color: var(--quiet); } .changes ins { text-decoration: none; color: var(--good); font-family: var(--mono); font-size: 12px; } .changes del { font-family: var(--mono); font-size: 12px; }
table { border-collapse: collapse; width: 100%; font-size: 12.5px; } caption { text-align: start; font-weight: 600; padding: 10px 0 4px; }
th, td { text-align: start; padding: 4px 10px 4px 0; border-bottom: 1px solid var(--line); vertical-align: top; overflow-wrap: anywhere; } thead th { color: var(--quiet); font-weight: 600; }
.variables th[scope="row"] { font-family: var(--mono); font-size: 12px; font-weight: 600; } .variables .just { background: var(--accent-soft); }

.aligned { padding: 6px 16px 40px; } .aligned p { padding: 6px 0 10px; } .aligned .banner { display: flex; gap: 6px 14px; align-items: center; flex-wrap: wrap; } .aligned .banner p { padding: 0; } .aligned table { table-layout: fixed; }
.step { display: flex; gap: 2px 10px; flex-wrap: wrap; align-items: baseline; } .step .when { margin-left: auto; white-space: nowrap; font-variant-numeric: tabular-nums; } .aligned .unread td { color: var(--quiet); }
.problem { padding: 8px 12px; border-radius: 8px; background: var(--bad-soft); color: var(--bad); } .aligned p.problem { padding: 8px 12px; margin-top: 8px; } .aligned td, .aligned th { padding: 6px 12px; } .aligned td a { font-weight: 600; text-decoration: none; color: var(--text); } .aligned td a:hover { text-decoration: underline; }
.aligned td + td, .aligned th + th { border-left: 1px solid var(--line); } .aligned .differs td { background: var(--warn-soft); } .aligned .differs .absent { background: none; color: var(--quiet); } .aligned .parting td { border-top: 2px solid var(--warn); } .aligned td.failed { box-shadow: inset 3px 0 var(--bad); }

.closed { max-width: 680px; margin: 0 auto; padding: 36px 20px; display: flex; flex-direction: column; gap: 14px; } .closed .lead { font-size: 15px; }
.restore { display: flex; gap: 10px; align-items: center; flex-wrap: wrap; } .restore input[type="text"] { padding-left: 8px; margin-left: 4px; }
.countdown { font-size: 15px; } .ticking { font-size: 30px; font-weight: 650; font-variant-numeric: tabular-nums; display: block; }
.facts { display: grid; grid-template-columns: max-content 1fr; gap: 3px 16px; } .facts dt { color: var(--quiet); } .facts dd { overflow-wrap: anywhere; }
aside.hint { border: 1px solid var(--line); border-left: 3px solid var(--warn); border-radius: 8px; padding: 10px 14px; } aside.hint pre { white-space: pre-wrap; margin-top: 6px; background: var(--raised); padding: 8px 10px; border-radius: 6px; }
.empty { color: var(--quiet); padding: 14px 4px; } .panes.single > .empty { max-width: 560px; margin: 40px auto; display: flex; flex-direction: column; gap: 10px; color: var(--text); }
.keys { display: grid; grid-template-columns: max-content 1fr; gap: 4px 12px; margin-top: 10px; } kbd { border: 1px solid var(--line); border-bottom-width: 2px; border-radius: 4px; padding: 0 5px; background: var(--raised); }

@container console (max-width: 980px) {
  .panes.with-transcript { grid-template-columns: minmax(0, 1.1fr) minmax(0, 1fr); grid-template-rows: minmax(90px, 26%) minmax(0, 1fr); }
  .panes.with-transcript .transcript { grid-column: 1 / -1; border-right: 0; border-bottom: 1px solid var(--line); }
  .toolbar > button:not([aria-pressed="true"]) span, .menu > summary > span { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
  .row .at-node { display: none; }
}
@container timestamps (max-width: 430px) { .row .actions button span { display: none; } }
@container console (max-width: 620px) {
  .panes, .panes.with-transcript { grid-template-columns: minmax(0, 1fr); grid-template-rows: minmax(140px, 1fr) minmax(160px, 1fr); }
  .panes.with-transcript { grid-template-rows: minmax(80px, 20%) minmax(140px, 1fr) minmax(160px, 1fr); }
  .detail { border-left: 0; border-top: 1px solid var(--line); } .counts { display: none; } input[type="search"] { width: 130px; }
}
`;

let sheet = null;

export function consoleStyle() {
  if (!sheet) {
    sheet = new CSSStyleSheet();
    sheet.replaceSync(TEXT);
  }
  return sheet;
}
