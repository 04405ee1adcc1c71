// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Models
import Synchronization

/// A provider that says what a test wants, and remembers what it was asked.
final class ScriptedIdentityProvider: IdentityProvider {
    private struct State {
        var answer: Result<ExternalIdentity, DomainError>
        var requests: [AuthorizationRequest] = []
        var callbacks: [AuthorizationCallback] = []
    }

    static let issuer = "https://provider.example.com"

    let name: String
    let displayName: String
    let issuer: String
    private let state: Mutex<State>

    init(name: String = "corp", issuer: String = ScriptedIdentityProvider.issuer) {
        self.name = name
        self.issuer = issuer
        self.displayName = name.uppercased()
        self.state = Mutex(State(answer: .success(Self.identity())))
    }

    /// The identity of Ada, but for what is given.
    static func identity(
        issuer: String = ScriptedIdentityProvider.issuer,
        subject: String = "ada",
        email: String? = "ada@example.com",
        isEmailVerified: Bool = true,
        displayName: String? = "Ada"
    ) -> ExternalIdentity {
        ExternalIdentity(
            issuer: issuer,
            subject: subject,
            email: email,
            isEmailVerified: isEmailVerified,
            displayName: displayName
        )
    }

    /// What the browsers were sent here with.
    var requests: [AuthorizationRequest] { state.withLock { $0.requests } }
    /// What the service asked about.
    var callbacks: [AuthorizationCallback] { state.withLock { $0.callbacks } }

    func answer(_ identity: ExternalIdentity) {
        state.withLock { $0.answer = .success(identity) }
    }

    func fail(_ error: DomainError) {
        state.withLock { $0.answer = .failure(error) }
    }

    func authorizationURL(for request: AuthorizationRequest) throws(DomainError) -> String {
        state.withLock { $0.requests.append(request) }
        return "\(Self.issuer)/authorize?state=\(request.state)"
    }

    func identity(for callback: AuthorizationCallback) throws(DomainError) -> ExternalIdentity {
        try state.withLock { state in
            state.callbacks.append(callback)
            return state.answer
        }.get()
    }
}
