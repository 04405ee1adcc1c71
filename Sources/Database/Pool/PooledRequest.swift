// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core

/// A request in the hands of the database thread.
struct PooledRequest {
    let request: Request
    /// When the thread took it in.
    let arrivedAt: MonotonicTime
    /// Whether it was sent before and has to be sent again: a neighbour failed, its prepared form was gone, or its
    /// connection broke.
    ///
    /// It then travels alone and without a prepared form, so that it does not come back again.
    var isReturned = false
    /// When it has to be answered; nil while it was not sent.
    ///
    /// Sent again, it gets no more time.
    var deadline: MonotonicTime?
    /// The answer, while it is not known whether it was committed.
    var result: ResultSet?

    /// With what it may be sent in one group.
    var sharing: Sharing {
        request.route == .shared && request.question == nil && !isReturned ? request.statement.sharing : .none
    }
}
