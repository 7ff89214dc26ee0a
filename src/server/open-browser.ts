import { spawn } from "node:child_process";

const openers: Readonly<Record<string, readonly [command: string, ...args: string[]]>> = {
  darwin: ["open"],
  win32: ["explorer.exe"],
};

/** Opens a URL in the default browser; does nothing if there is none. */
export function openBrowser(url: string): void {
  const [command, ...args] = openers[process.platform] ?? ["xdg-open"];
  const child = spawn(command, [...args, url], { stdio: "ignore", detached: true });
  child.on("error", () => {}); // the URL is printed as well
  child.unref();
}
