// The three calls by the package that openapi-generator's `go` made.
package main

import (
	"context"
	"encoding/json"
	"os"

	portvakt "made"
)

type asked struct {
	BaseURL     string            `json:"base_url"`
	Headers     map[string]string `json:"headers"`
	Integration string            `json:"integration"`
	Tenant      string            `json:"tenant"`
}

var schemes = map[string]string{
	"customer_id":        "X-PIGELLO-CUSTOMER-ID",
	"application_id":     "X-PIGELLO-APPLICATION-ID",
	"service_id":         "X-PIGELLO-SERVICE-ID",
	"service_version_id": "X-PIGELLO-SERVICE-VERSION-ID",
	"client_ct":          "X-PIGELLO-CLIENT-CT",
	"client_object_id":   "X-PIGELLO-CLIENT-ENTITY",
	"client_secret":      "X-PIGELLO-CLIENT-SECRET",
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}

func main() {
	text, err := os.ReadFile(os.Args[1])
	must(err)
	var given asked
	must(json.Unmarshal(text, &given))
	keys := map[string]portvakt.APIKey{}
	for scheme, header := range schemes {
		keys[scheme] = portvakt.APIKey{Key: given.Headers[header]}
	}
	ctx := context.WithValue(context.Background(), portvakt.ContextAPIKeys, keys)
	configuration := portvakt.NewConfiguration()
	configuration.Servers = portvakt.ServerConfigurations{{URL: given.BaseURL}}
	api := portvakt.NewAPIClient(configuration).AnsweredintegrationpersonalinformationaccessAPI

	listed, _, err := api.AnsweredintegrationpersonalinformationaccessList(ctx).Limit(3).Execute()
	must(err)
	negated, _, err := api.AnsweredintegrationpersonalinformationaccessList(ctx).NotAnswer(true).Execute()
	must(err)
	body := *portvakt.NewAnsweredintegrationpersonalinformationaccessCreate(
		false, *portvakt.NewIntegrationuseragentReferenceInput(given.Integration))
	body.SetAnsweredByTenant(*portvakt.NewTenantReferenceInput(given.Tenant))
	made, _, err := api.AnsweredintegrationpersonalinformationaccessCreate(ctx).
		AnsweredintegrationpersonalinformationaccessCreate(body).Execute()
	must(err)

	told := struct {
		Listed  []string `json:"listed"`
		Negated []bool   `json:"negated"`
		Created string   `json:"created"`
	}{Created: made.Id}
	for _, one := range listed {
		told.Listed = append(told.Listed, one.Id)
	}
	for _, one := range negated {
		told.Negated = append(told.Negated, one.Answer)
	}
	must(json.NewEncoder(os.Stdout).Encode(told))
}
