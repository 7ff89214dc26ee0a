import { nodePorts } from "../../src/node/data-files.js";
import type { Notice, Ports } from "../../src/tasks/task.js";

/** The ports of Node, with the messages of all notices. */
export function portsWithNotices(dataDir?: string): { ports: Ports; notices: string[] } {
  const notices: string[] = [];
  return { ports: nodePorts({ dataDir, onNotice: ({ message }: Notice) => notices.push(message) }), notices };
}
