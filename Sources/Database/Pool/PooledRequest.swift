// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

/// A request in the hands of the database thread.
struct PooledRequest {
    let request: Request
    /// Whether it was sent before and not run: a neighbour failed, or its prepared form was gone.
    ///
    /// It then travels alone and without a prepared form, so that it does not come back again.
    var isReturned = false
    /// The answer, while it is not known whether it was committed.
    var result: ResultSet?

    /// Whether it may share its Sync with neighbours.
    var sharesSync: Bool {
        request.isRepeatable && !isReturned
    }
}
