// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

/// A request in the hands of the database thread.
struct PooledRequest {
    let request: Request
    /// How often it was sent before without being run.
    var returns = 0

    /// Whether it may share its Sync with neighbours.
    ///
    /// One that came back travels alone, so that it comes back once.
    var sharesSync: Bool {
        request.isRepeatable && returns == 0
    }
}
