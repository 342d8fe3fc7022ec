import Testing

@testable import LogRecords

/// Lines as they stand in a server's documentation or in a public report of what it wrote, for formats whose other tests are put
/// together from the names of fields.
@Suite struct DocumentedLineTests {
    static let samples = [
        FormatSample(
            // docs.bunny.net/cdn/logging.
            profile: "bunny", backing: .documented,
            lines: [
                "HIT|200|1507167062421|412|390|163.172.53.229|-|https://example.b-cdn.net/video.mp4|WA|Mozilla/5.0...|322b688bd63fb63f2babe9de30a5d262|DE"
            ],
            reads: [
                "node": "WA", "requester": "", "key": "https://example.b-cdn.net/video.mp4", "cache": "hit",
                "status": "200", "bytes": "412", "time": "2017-10-05T01:31:02.421000Z", "client": "Mozilla",
            ]),
        FormatSample(
            // A public report of Traefik's common log.
            profile: "traefik", backing: .documented,
            lines: [
                #"10.0.0.2 - - [11/Aug/2022:02:06:44 +0000] "GET / HTTP/1.1" 200 659 "-" "-" 1 "catapp@docker" "http://10.0.1.6:5000" 14ms"#
            ],
            reads: [
                "key": "/", "cache": "unknown", "status": "200", "bytes": "659", "time": "2022-08-11T02:06:44.000000Z",
                // The second of the stamp and the 14 ms, whose last digit is open.
                "latest": "2022-08-11T02:06:45.014998Z", "client": "",
            ]),
        FormatSample(
            // A public report of Traefik's JSON log.
            profile: "traefik-json", backing: .documented,
            lines: [
                #"{"ClientAddr":"172.16.100.61:49880","ClientHost":"172.16.100.61","ClientPort":"49880","ClientUsername":"-","DownstreamContentSize":19,"DownstreamStatus":404,"Duration":204055,"Overhead":204055,"RequestAddr":"172.16.100.61","RequestContentSize":0,"RequestCount":1,"RequestHost":"172.16.100.61","RequestMethod":"GET","RequestPath":"/","RequestPort":"-","RequestProtocol":"HTTP/1.1","RequestScheme":"http","RetryAttempts":0,"StartLocal":"2021-06-05T04:03:22.742209746Z","StartUTC":"2021-06-05T04:03:22.742209746Z","level":"info","msg":"","time":"2021-06-05T04:03:22Z"}"#
            ],
            reads: [
                "requester": "", "key": "172.16.100.61/", "status": "404", "bytes": "19",
                "time": "2021-06-05T04:03:22.742209Z",
            ]),
        FormatSample(
            // gateway.envoyproxy.io's default log, as a public report has it: numbers, and null for what is not there.
            profile: "envoy-gateway", backing: .documented,
            lines: [
                #"{":authority":"localhost:8888","bytes_received":73,"bytes_sent":302,"connection_termination_details":null,"downstream_local_address":"127.0.0.1:10080","downstream_remote_address":"127.0.0.1:55222","duration":6,"method":"POST","protocol":"HTTP/1.1","requested_server_name":null,"response_code":200,"response_code_details":"via_upstream","response_flags":"-","start_time":"2025-08-20T23:21:58.905Z","upstream_host":"10.244.0.19:8000","upstream_transport_failure_reason":null,"user-agent":"curl/8.7.1","x-envoy-origin-path":"/v1/chat/completions","x-envoy-upstream-service-time":null,"x-forwarded-for":"10.244.0.30","x-request-id":"4000a69d-3db6-404c-8892-4f8023e008f0"}"#
            ],
            reads: [
                "key": "localhost:8888/v1/chat/completions", "cache": "unknown", "status": "200",
                // A POST brings no frame.
                "bytes": "0", "time": "2025-08-20T23:21:58.905000Z", "latest": "2025-08-20T23:21:58.912998Z",
                "client": "curl",
            ]),
        FormatSample(
            // learn.microsoft.com, Tuning Web Application Firewall for Azure Front Door: the access log of a request.
            profile: "azure-front-door", backing: .documented,
            lines: [
                #"{"time":"2020-09-24T16:43:04.5430000Z","category":"FrontdoorAccessLog","operationName":"Microsoft.Network/FrontDoor/AccessLog/Write","properties":{"trackingReference":"0mMxsXwAAAABEalekYeI4S55qpi5R7R0/V1NURURHRTA4MTIAZGI4NGQzZDgtNWQ5Ny00ZWRkLTg2ZGYtZDJjNThlMzI2N2I4","httpMethod":"POST","httpVersion":"1.1","requestUri":"http://afdwafdemosite.azurefd.net:80/api/Feedbacks/","requestBytes":"2160","responseBytes":"324","userAgent":"Mozilla/5.0 (Windows NT 10.0; Win64; x64)","clientIp":"1.1.1.1","socketIp":"1.1.1.1","clientPort":"53566","timeToFirstByte":"0.01","timeTaken":"0.011","securityProtocol":"","routingRuleName":"DemoBERoutingRule","rulesEngineMatchNames":[],"backendHostname":"13.88.65.130:3000","isReceivedFromClient":true,"httpStatusCode":"403","httpStatusDetails":"403","pop":"WST","cacheStatus":"CONFIG_NOCACHE"}}"#
            ],
            reads: [
                "node": "WST", "key": "http://afdwafdemosite.azurefd.net/api/Feedbacks/", "cache": "bypass",
                "status": "403", "time": "2020-09-24T16:43:04.543000Z", "client": "Mozilla",
            ]),
        FormatSample(
            // docs.incapsula.com, Example logs: an access event.
            profile: "imperva", backing: .documented,
            lines: [
                "CEF:0|Incapsula|SIEMintegration|1|1|Normal|0| sourceServiceName=site123.abcd.info siteid=1509732 suid=50005477 requestClientApplication=Mozilla/5.0 (Windows NT 6.1; WOW64; rv:40.0) Gecko/20100101 Firefox/40.0 deviceFacility=mia src=12.12.12.12 caIP=13.13.13.13 ccode=IL tag=www.elvis.com cicode=Rehovot cs7=31.8969 cs7Label=latitude cs8=34.8186 cs8Label=longitude Customer=CEFcustomer123 ver=TLSv1.2 ECDHE-RSA-AES128-GCM-SHA256 start=1453290121336 request=site123.abcd.info/main.css ref=www.incapsula.com/lama requestmethod=GET cn1=200 app=HTTP deviceExternalID=33411452762204224 in=54 xff=44.44.44.44 cpt=443"
            ],
            reads: [
                "node": "mia", "key": "site123.abcd.info/main.css", "cache": "unknown", "status": "200", "bytes": "54",
                "time": "2016-01-20T11:42:01.336000Z",
            ]),
        FormatSample(
            // apisix.apache.org, http-logger: an entry of its batch.
            profile: "apisix", backing: .documented,
            lines: [
                #"{"response":{"status":200,"headers":{"server":"APISIX/3.9.0","content-length":"390","access-control-allow-credentials":"true","connection":"close","date":"Thu, 13 Jun 2024 15:06:31 GMT","access-control-allow-origin":"*","content-type":"application/json"},"size":617},"latency":1200.0000476837,"upstream_latency":1133,"apisix_latency":67.000047683716,"request":{"url":"http://127.0.0.1:9080/anything","querystring":{},"method":"GET","uri":"/anything","headers":{"accept":"*/*","user-agent":"curl/8.6.0","host":"127.0.0.1:9080"},"size":85},"service_id":"","route_id":"http-logger-route","start_time":1709334859598,"client_ip":"172.19.0.1"}"#
            ],
            reads: [
                "key": "127.0.0.1:9080/anything", "cache": "unknown", "status": "200", "bytes": "617",
                "time": "2024-03-01T23:14:19.598000Z", "aborted": "false", "client": "curl",
            ]),
        FormatSample(
            // The columns of an Azure web site's log of IIS 8 in learn.microsoft.com, and the query that its article on
            // Application Request Routing's log entries describes.
            profile: "iis", backing: .documented,
            lines: [
                "#Software: Microsoft Internet Information Services 8.0",
                "#Fields: date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent) cs(Referer) sc-status sc-substatus sc-win32-status time-taken",
                "2026-03-17 08:01:15 10.0.2.10 GET /Dashboard.aspx X-ARR-CACHE-HIT=0&X-ARR-LOG-ID=62a3161c-b4f5-408e-9ce7-55d25c018aea 80 DOMAIN\\jsmith 10.0.1.50 Mozilla/5.0+(Windows+NT+10.0;+Win64;+x64) https://myapp.com/Home.aspx 200 0 0 1250",
            ],
            reads: [
                "node": "10.0.2.10", "requester": "DOMAIN\\jsmith", "key": "/Dashboard.aspx", "cache": "miss",
                "status": "200", "time": "2026-03-17T08:01:15.000000Z", "earliest": "2026-03-17T08:01:13.749001Z",
            ]),
        FormatSample(
            // NetScaler CPX, a public report of what NSWL wrote; a blank ends the line of the fields.
            profile: "w3c", backing: .documented,
            lines: [
                "#Version: 1.0", "#Software: Netscaler Web Logging(NSWL)", "#Date: 2017-10-29 03:54:56",
                "#Fields: date time c-ip cs-username sc-servicename s-ip s-port cs-method cs-uri-stem cs-uri-query sc-status cs-bytes sc-bytes time-taken cs-version cs(User-Agent) cs(Cookie) cs(Referer) ",
                "2017-10-29 03:54:12 172.16.0.1 - HTTP 172.16.0.11 8000 GET / - 200 78 131 0 HTTP/1.1 curl/7.54.0 - -",
                "2017-10-29 03:54:15 172.16.0.1 - HTTP 172.16.0.12 8000 GET / - 200 78 131 0 HTTP/1.1 curl/7.54.0 - -",
            ],
            reads: [
                "node": "172.16.0.12", "requester": "", "key": "/", "status": "200", "bytes": "131",
                "time": "2017-10-29T03:54:15.000000Z", "client": "curl",
            ], deliveries: 2),
        FormatSample(
            // docs.cloud.google.com/media-cdn, Request logging overview: the example, without what says nothing here.
            profile: "google-media-cdn", backing: .documented,
            lines: [
                #"{"insertId":"617fa16e-0000-2ac9-9993-d4f547fe67d4@a1","jsonPayload":{"@type":"type.googleapis.com/google.cloud.edgecache.v1.EdgeCacheLogEntry","cacheId":"maa-132eed13faa13","latency":"0.005105200s","proxyStatus":"Google-Edge-Cache","cacheMode":"FORCE_CACHE_ALL","cacheKeyFingerprint":"c360ac18849b6336","cacheStatus":"hit,stale","originalRequestId":"19d92668-3948-49d8-9244-25f8252043e5","requestId":"4bde6381-cd17-47e1-8c2a-1aaa424a1156","originIp":"74.125.128.128"},"httpRequest":{"requestMethod":"GET","requestUrl":"https://example.com/image.jpg","requestSize":"3545","status":200,"responseSize":"3716","userAgent":"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)","remoteIp":"62.36.0.43","protocol":"HTTP/2"},"resource":{"type":"edgecache.googleapis.com/EdgeCacheRouteRule"},"timestamp":"2022-11-19T00:24:13.695328200Z","logName":"projects/my-project/logs/edgecache.googleapis.com%2Fedge_cache_request"}"#
            ],
            reads: [
                "node": "maa-132eed13faa13", "key": "c360ac18849b6336",
                // Stale at the cache next to the client, and a hit above it: which of the two the body is nobody says.
                "cache": "unknown", "status": "200", "bytes": "3716", "time": "2022-11-19T00:24:13.695328Z",
                "latest": "2022-11-19T00:24:13.700433Z",
            ]),
        FormatSample(
            // docs.livekit.io's event, as a public test of a webhook has it.
            profile: "livekit-webhook", backing: .documented,
            lines: [
                #"{"event":"participant_joined","room":{"sid":"RM_room1","name":"room-1","emptyTimeout":300,"maxParticipants":50,"creationTime":"1234567890","numParticipants":1,"numPublishers":0,"activeRecording":false},"participant":{"sid":"PA_part1","identity":"@alice:example.com","state":"JOINED","name":"Alice","joinedAt":"1234567890","version":1,"isPublisher":false},"id":"EV_join1","createdAt":"1234567890"}"#
            ],
            reads: [
                "requester": "@alice:example.com", "key": "room-1", "camera": "room-1",
                "time": "2009-02-13T23:31:30.000000Z",
            ]),
        FormatSample(
            // docs.aws.amazon.com, Access logs for your Application Load Balancer: the example of HTTP.
            profile: "aws-alb", backing: .documented,
            lines: [
                #"http 2018-07-02T22:23:00.186641Z app/my-loadbalancer/50dc6c495c0c9188 192.168.131.39:2817 10.0.0.1:80 0.000 0.001 0.000 200 200 34 366 "GET http://www.example.com:80/ HTTP/1.1" "curl/7.46.0" - - arn:aws:elasticloadbalancing:us-east-2:123456789012:targetgroup/my-targets/73e2d6bc24d8a067 "Root=1-58337262-36d228ad5d99923122bbe354" "-" "-" 0 2018-07-02T22:22:48.364000Z "forward" "-" "-" "10.0.0.1:80" "200" "-" "-" TID_1234abcd5678ef90 "-" "-" "-""#
            ],
            reads: [
                "node": "app/my-loadbalancer/50dc6c495c0c9188", "key": "http://www.example.com/", "status": "200",
                "bytes": "366", "time": "2018-07-02T22:23:00.186641Z", "client": "curl",
            ]),
        FormatSample(
            // learn.microsoft.com, Application Gateway, access log: the example of the first version.
            profile: "azure-application-gateway", backing: .documented,
            lines: [
                #"{"resourceId":"/SUBSCRIPTIONS/{subscriptionId}/RESOURCEGROUPS/PEERINGTEST/PROVIDERS/MICROSOFT.NETWORK/APPLICATIONGATEWAYS/{applicationGatewayName}","operationName":"ApplicationGatewayAccess","time":"2017-04-26T19:27:38Z","category":"ApplicationGatewayAccessLog","properties":{"instanceId":"ApplicationGatewayRole_IN_0","clientIP":"191.96.249.97","clientPort":46886,"httpMethod":"GET","requestUri":"/phpmyadmin/scripts/setup.php","requestQuery":"X-AzureApplicationGateway-CACHE-HIT=0&SERVER-ROUTED=10.4.0.4&X-AzureApplicationGateway-LOG-ID=874f1f0f-6807-41c9-b7bc-f3cfa74aa0b1&SERVER-STATUS=404","userAgent":"-","httpStatus":404,"httpVersion":"HTTP/1.0","receivedBytes":65,"sentBytes":553,"timeTaken":205,"sslEnabled":"off"}}"#
            ],
            reads: [
                "node": "ApplicationGatewayRole_IN_0", "requester": "", "key": "/phpmyadmin/scripts/setup.php",
                "status": "404", "bytes": "553", "time": "2017-04-26T19:27:38.000000Z", "client": "",
            ]),
    ]

    @Test("a documented line says what a person reads in it", arguments: samples)
    func sample(_ sample: FormatSample) throws { try sample.check() }
}
