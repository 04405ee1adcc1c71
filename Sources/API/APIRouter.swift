// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import HTTPTypes
import Hummingbird
import HummingbirdCore

/// The routes of all endpoints.
struct APIRouter {
    let responder: RouterResponder<APIRequestContext>

    init(endpoints: [Endpoint], runner: EndpointRunner) {
        let router = Router(context: APIRequestContext.self)
        for (path, endpoints) in Dictionary(grouping: endpoints, by: \.path) {
            for endpoint in endpoints {
                let responder = CallbackResponder<APIRequestContext> { request, context in
                    try await runner.respond(to: request, context, with: endpoint)
                }
                router.on(RouterPath(path), method: endpoint.method, responder: responder)
                if endpoint.method == .get { router.on(RouterPath(path), method: .head, responder: responder) }
            }
            Self.refuseOtherMethods(of: path, endpoints, router)
        }
        // Added last, so that it is about requests without a route alone.
        router.add(middleware: UnknownAddressMiddleware())
        self.responder = router.buildResponder()
    }

    private static func refuseOtherMethods(
        of path: String,
        _ endpoints: [Endpoint],
        _ router: Router<APIRequestContext>
    ) {
        var allowed = Set(endpoints.map(\.method))
        if allowed.contains(.get) { allowed.insert(.head) }
        let error = MethodNotAllowed(allowed: allowed.map(\.rawValue).sorted().joined(separator: ", "))
        let refuse = CallbackResponder<APIRequestContext> { _, _ in throw error }
        let methods: [HTTPRequest.Method] = [
            .get, .head, .post, .put, .patch, .delete, .options, .trace, .connect, .query,
        ]
        for method in methods where !allowed.contains(method) {
            router.on(RouterPath(path), method: method, responder: refuse)
        }
    }
}
