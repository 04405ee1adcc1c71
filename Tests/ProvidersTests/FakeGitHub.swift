// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Models
import Outbound
import Providers
import Synchronization

/// GitHub in memory, as its documentation describes it; a test says what stands instead of an answer, by path.
final class FakeGitHub: HTTPTransport {
    struct State {
        var token = #"{"access_token": "gho_token", "scope": "read:user,user:email", "token_type": "bearer"}"#
        var user = #"{"login": "ada", "id": 583231, "name": "Ada Lovelace", "email": null}"#
        var emails = #"[{"email": "ada@example.com", "primary": true, "verified": true, "visibility": "private"}]"#
        var answers: [String: Result<OutboundResponse, OutboundError>] = [:]
        var requests: [OutboundRequest] = []
    }

    private let state = Mutex(State())

    var requests: [OutboundRequest] { state.withLock { $0.requests } }

    func change(_ body: (inout State) -> Void) {
        state.withLock { body(&$0) }
    }

    func send(_ request: OutboundRequest) throws(OutboundError) -> OutboundResponse {
        try state.withLock { state in
            state.requests.append(request)
            let path = String(request.url.text.prefix { $0 != "?" })
            if let answer = state.answers[path] { return answer }
            switch path {
            case "https://github.com/login/oauth/access_token": return .success(Self.json(state.token))
            case "https://api.github.com/user": return .success(Self.json(state.user))
            case "https://api.github.com/user/emails": return .success(Self.json(state.emails))
            default: return .success(Self.json(#"{"message": "Not Found"}"#, status: 404))
            }
        }.get()
    }

    static func json(_ text: String, status: Int = 200) -> OutboundResponse {
        OutboundResponse(
            status: status,
            headers: ["content-type": "application/json; charset=utf-8"],
            body: Array(text.utf8)
        )
    }
}
