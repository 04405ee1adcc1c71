// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

extension DatabaseError.Code {
    /// What a state of the server means for the caller.
    package init(_ state: SQLState) {
        self =
            switch state {
            case .uniqueViolation: .uniqueViolation
            case .foreignKeyViolation: .foreignKeyViolation
            case .checkViolation: .checkViolation
            case .notNullViolation: .notNullViolation
            case .serializationFailure: .serialization
            case .deadlockDetected: .deadlock
            case .queryCanceled, .lockNotAvailable: .timeout
            case _ where state.isOfClass(.dataException): .invalidParameter
            case _ where state.isOfClass(.insufficientResources) || state.meansServerIsUnusable: .unavailable
            default: .server
            }
    }
}

extension SQLState {
    /// Whether no connection of the pool can be trusted any more: the server shuts down, failed over to another, or
    /// became a read-only standby whose pooled connections would go on to answer reads and refuse every write.
    package var meansServerIsUnusable: Bool {
        switch self {
        case .adminShutdown, .crashShutdown, .cannotConnectNow, .readOnlyTransaction: true
        default: isOfClass(.connectionException)
        }
    }

    /// Whether an error with this state ends the session however bad it says that it is.
    package var endsSession: Bool {
        self == .adminShutdown || self == .crashShutdown || isOfClass(.connectionException)
    }
}
