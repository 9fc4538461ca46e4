import { drawPlot } from './plot.js';
import type { Report } from './report.js';

/** The drawings of a run by file name; those for which it measured too few sizes are left out. */
export function plotsOf(report: Report): Record<string, string> {
  const plots: Record<string, string> = {};
  const scans = report.scan.filter((s) => s.dialect === 'opennds');
  if (scans.length > 1) {
    plots['scan.svg'] = drawPlot({
      title: 'From the bytes of a reply to what changed',
      xLabel: 'clients of the portal',
      yLabel: 'milliseconds a poll',
      series: [
        { name: 'JSON.parse and Map', points: scans.map((s) => [s.clients, s.ms.a.median]) },
        { name: 'scanner and ledger', points: scans.map((s) => [s.clients, s.ms.b.median]) },
      ],
    });
    plots['heap.svg'] = drawPlot({
      title: 'Heap that one poll leaves to the collector',
      xLabel: 'clients of the portal',
      yLabel: 'bytes a poll',
      series: [
        { name: 'JSON.parse and Map', points: measured(scans.map((s) => [s.clients, s.garbage.parse])) },
        { name: 'scanner and ledger', points: measured(scans.map((s) => [s.clients, s.garbage.moving])) },
      ],
    });
  }
  if (report.delay.length > 1) {
    plots['poll.svg'] = drawPlot({
      title: 'A poll every second, seen from the main thread',
      xLabel: 'clients of the portal',
      yLabel: 'milliseconds',
      series: [
        { name: 'whole poll', points: report.delay.map((d) => [d.clients, d.poll.median]) },
        { name: 'timers late, p99', points: report.delay.map((d) => [d.clients, Math.max(0.01, d.p99)]) },
      ],
    });
  }
  return plots;
}

/** Without the points where a collection ran in the middle: the heap was smaller afterwards, and says nothing. */
function measured(points: readonly (readonly [number, number])[]): (readonly [number, number])[] {
  return points.filter(([, bytes]) => bytes > 0);
}
