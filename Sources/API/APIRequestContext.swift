// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Hummingbird

/// What the router carries along with a request.
package struct APIRequestContext: RequestContext {
    package var coreContext: CoreRequestContextStorage
    /// Under which the request stands in the log.
    var requestID = ""
    /// What its line in the log is to say.
    let record = RequestRecord()
    /// Where the request comes from; nil when it came by a socket file and nobody who is trusted says more.
    var clientAddress: IPAddress?
    /// As whoever observes requests knows it; nil when nobody does.
    var observed: ObservedRequest?

    /// The context of one request on one connection.
    package init(source: ApplicationRequestContextSource) {
        self.coreContext = CoreRequestContextStorage(source: source)
    }
}
