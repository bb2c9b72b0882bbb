export interface DemoOptions {
  /** 4000 when left out; 0 takes any free port. */
  port?: number;
  /** "localhost" when left out: both loopback addresses. */
  host?: string;
  /** Serve https and wss, with a certificate made on the spot. */
  tls?: boolean;
}

export interface Demo {
  url: string;
  close(): Promise<void>;
}

export declare function startDemo(options?: DemoOptions): Promise<Demo>;
