export interface DemoOptions {
  /** 4000 by default; 0 takes any free port. */
  port?: number;
  /** "localhost" by default: both loopback addresses. */
  host?: string;
  /** Serve https and wss, with a certificate that is generated at the start. */
  tls?: boolean;
}

export interface Demo {
  url: string;
  close(): Promise<void>;
}

export declare function startDemo(options?: DemoOptions): Promise<Demo>;
