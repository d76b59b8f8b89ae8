// The package required from CommonJS, as Node ≥ 20.19 can. Never run, only compiled.

import purerouter = require("purerouter");

const client: purerouter.PureRouter = new purerouter.PureRouter();
// @ts-expect-error: an unknown option
new purerouter.PureRouter({ routerkey: "sk_1" });

export = client;
