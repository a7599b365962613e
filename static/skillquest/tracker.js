/** The tracker's address for pages of this server. Its source is clients/js/src/, served below tracker/. */
export * from "./tracker/index.js";
